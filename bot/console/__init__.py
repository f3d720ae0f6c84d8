"""The staff console: what is most urgent, who is this, when do we meet, what did we fail to answer."""

from bot.console.routes import router

__all__ = ["router"]
