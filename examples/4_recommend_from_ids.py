"""A recommender: ratings from the ids of users and items, and the best items for one user.

    python examples/4_recommend_from_ids.py

The ratings are generated: each user likes action or romance more, and each film has more of one
or the other. Neither is in the table, only the ids are: the embeddings must find them.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

import nfm

USERS, FILMS, RATINGS = 150, 80, 6_000


def make_ratings(seed: int = 0) -> pd.DataFrame:
    """Return ratings from 1 to 5, with the columns user, film, weekend and rating."""
    random = np.random.default_rng(seed)
    tastes, genres = random.normal(size=(USERS, 2)), random.normal(size=(FILMS, 2))
    kindness, quality = random.normal(0, 0.3, USERS), random.normal(0, 0.3, FILMS)
    seen = random.choice(USERS * FILMS, RATINGS, replace=False)
    user, film = seen // FILMS, seen % FILMS
    liked = 3 + kindness[user] + quality[film] + 0.7 * (tastes[user] * genres[film]).sum(axis=1)
    weekend = random.random(RATINGS) < 0.3
    rating = liked + 0.1 * weekend + random.normal(0, 0.3, RATINGS)
    return pd.DataFrame(
        {
            "user": user,
            "film": film,
            "weekend": np.where(weekend, "yes", "no"),
            "rating": np.clip(np.round(rating, 1), 1, 5),
        }
    )


ratings = make_ratings()
X, y = ratings.drop(columns="rating"), ratings["rating"]
X_train, X_test, y_train, y_test = X[:5_000], X[5_000:], y[:5_000], y[5_000:]

# Ids are whole numbers that count nothing: `categorical` gives each of them an embedding. A
# linear model adds an effect of the user and one of the film; pairs find who likes what.
results = {}
for interaction in ("linear", "fm", "nfm"):
    model = nfm.NFMRegressor(
        interaction=interaction,
        categorical=["user", "film"],
        embedding_dim=8,
        hidden_units=(32,),
        learning_rate=0.005,
        epochs=25,
        min_level_count=1,
    )
    model.fit(X_train, y_train)
    results[interaction] = nfm.evaluate(model, X_test, y_test).frame
    rmse = results[interaction].loc["rmse"]
    print(f"{interaction:<7} RMSE {rmse['value']:.3f} ({rmse['low']:.3f} to {rmse['high']:.3f})")

# The five films that user 7 has not rated and is predicted to like most.
unseen = np.setdiff1d(np.arange(FILMS), ratings.loc[ratings["user"] == 7, "film"])
candidates = pd.DataFrame({"user": 7, "film": unseen, "weekend": "no"})
candidates["predicted"] = model.predict(candidates)
print(candidates.nlargest(5, "predicted").to_string(index=False, float_format="%.2f"))
