"""gunicorn's logs, without secrets in addresses: the web server's `--logger-class`."""

from typing import Any

from gunicorn.glogging import Logger as GunicornLogger

from keywork.monitoring import WithoutSecrets


class Logger(GunicornLogger):
    """Masks both logs: an error names the address it came from, too."""

    def setup(self, cfg: Any) -> None:
        """Set the logs up, again where the configuration is read again."""
        super().setup(cfg)
        for log in (self.error_log, self.access_log):
            if not any(isinstance(each, WithoutSecrets) for each in log.filters):
                log.addFilter(WithoutSecrets())
