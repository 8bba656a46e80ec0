"""Where a provider is reached, under the name that agents know it by."""

from crewboard.tools.providers.endpoint import Endpoint, Service, open_endpoint, require_package

__all__ = ["Endpoint", "Service", "open_endpoint", "require_package"]
