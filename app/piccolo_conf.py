"""What Piccolo's commands look for: the engine and the registry of apps."""

from piccolo.conf.apps import AppRegistry

from app.kit.db import DB

__all__ = ["APP_REGISTRY", "DB"]

APP_REGISTRY = AppRegistry(apps=["app.piccolo_app"])
