// Keeps the keyboard's focus near where the person left it, begins each card of Learn at its top,
// and lets Plotly's drawings shrink to the paper. Streamlit disables or removes the focused element
// as it redraws a page; browsers then start again at the top of the document, and a screen reader
// with them.
(() => {
  const FOCUSABLE =
    "a[href], button:enabled, input:enabled, textarea:enabled, select:enabled, [tabindex='0']";
  // What had the focus last, if it came there by keyboard: the element, its ancestors, the address.
  let last = null;
  let opened = null; // the popover that was given the focus
  let timer = 0;

  const within = (root) =>
    [...root.querySelectorAll(FOCUSABLE)].filter(
      (element) => element.tabIndex >= 0 && element.checkVisibility(),
    );

  const focus = (element) => element?.focus({ preventScroll: true });

  function focusHeading() {
    const heading = document.querySelector("[data-testid=stMain] h1");
    heading?.setAttribute("tabindex", "-1");
    focus(heading);
  }

  // The next control that can be used, else the one before, in the nearest ancestor that has any.
  function focusNeighbour() {
    for (const parent of last.ancestors.filter((one) => one.isConnected)) {
      if (parent.matches("[data-testid=stMain]")) break;
      const found = within(parent);
      const after = found.find(
        (one) => last.element.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING,
      );
      if (found.length) return focus(last.element.isConnected ? (after ?? found.at(-1)) : found[0]);
    }
    focusHeading();
  }

  function restoreFocus() {
    const lost = document.activeElement === document.body || !document.activeElement;
    if (!last || !lost) return;
    if (last.element.isConnected && !last.element.matches(":disabled")) return;
    if (last.path !== location.pathname) return focusHeading();
    const twin = last.key && document.querySelector(`.${CSS.escape(last.key)}`);
    const again = twin && within(twin)[0];
    again ? focus(again) : focusNeighbour();
  }

  // A popover's content stands at the end of the page: a keyboard would have to walk there.
  function enterPopover() {
    const popover = document.querySelector("[data-testid=stPopoverBody]");
    if (!popover) opened = null;
    if (!popover || popover === opened) return;
    const button = document.activeElement;
    const first = within(popover)[0];
    if (first && button?.matches("[data-testid=stPopover] button:focus-visible")) {
      opened = popover;
      focus(first);
    }
  }

  // Streamlit keeps the place to which a page was scrolled, also where another card stands now.
  let card = null;
  let begun = -Infinity; // when the card began, until somebody scrolls
  function beginCard() {
    const shown = document.querySelector("[class*=st-key-learn_card_]:not([data-retained=true])");
    const question = shown?.querySelector("h2");
    if (shown && !question) return; // not drawn yet
    const name = shown && [...shown.classList].find((one) => one.startsWith("st-key-learn_card_"));
    const another = name && card && name !== card;
    card = name;
    if (another) begun = performance.now();
    // Hidden by the bar with the pages, too. While the card before leaves, the place moves once more.
    const place = shown?.getBoundingClientRect().top;
    if (place < 64 && performance.now() - begun < 2000) {
      shown.scrollIntoView({ block: "start", behavior: "instant" });
    }
    if (!another) return;
    if (last?.key !== "st-key-step_next" && last?.key !== "st-key-step_back") return;
    question.setAttribute("tabindex", "-1");
    focus(question);
  }

  for (const event of ["wheel", "touchmove", "keydown", "pointerdown"]) {
    document.addEventListener(event, () => (begun = -Infinity), { capture: true, passive: true });
  }

  document.addEventListener("focusin", ({ target }) => {
    if (!target.matches(":focus-visible")) {
      last = null;
      return;
    }
    const ancestors = [];
    for (let one = target.parentElement; one; one = one.parentElement) ancestors.push(one);
    const keys = ancestors.flatMap((one) => [...one.classList]);
    const key = keys.find((name) => name.startsWith("st-key-"));
    last = { element: target, ancestors, key, path: location.pathname };
  });
  document.addEventListener("pointerdown", () => (last = null), true);

  // While it has the focus, a chosen answer would take the letters that turn the cards.
  let byPointer = false;
  for (const event of ["pointerdown", "keydown"]) {
    document.addEventListener(event, () => (byPointer = event === "pointerdown"), true);
  }
  document.addEventListener("focusin", ({ target }) => {
    if (byPointer && target.matches("input[type=radio]")) setTimeout(() => target.blur());
  });

  new MutationObserver(() => {
    beginCard();
    clearTimeout(timer);
    // Streamlit's own widgets may put the focus where it belongs: they come first.
    timer = setTimeout(() => {
      restoreFocus();
      enterPopover();
    }, 100);
  }).observe(document, {
    subtree: true,
    childList: true,
    attributes: true,
    attributeFilter: ["disabled"],
  });

  const drawings = () => document.querySelectorAll("svg.main-svg");
  addEventListener("beforeprint", () => {
    for (const svg of drawings()) {
      svg.setAttribute("viewBox", `0 0 ${svg.width.baseVal.value} ${svg.height.baseVal.value}`);
    }
  });
  addEventListener("afterprint", () => drawings().forEach((svg) => svg.removeAttribute("viewBox")));
})();
