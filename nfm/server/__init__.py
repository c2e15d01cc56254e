"""What `st.App` needs beside the script: start and end of the engine, headers, the cookie."""

from nfm.server.lifespan import lifespan as lifespan
from nfm.server.middleware import middleware as middleware
