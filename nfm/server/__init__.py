"""The ASGI parts around `st.App`: engine start and end, headers, cookie, origin check, errors."""

from nfm.server.lifespan import lifespan as lifespan
from nfm.server.middleware import middleware as middleware
from nfm.ui.components.database_problem import on_script_error as on_script_error
