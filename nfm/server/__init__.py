"""The ASGI parts around `st.App`: engine start and end, headers, cookie, origin check."""

from nfm.server.lifespan import lifespan as lifespan
from nfm.server.middleware import middleware as middleware
