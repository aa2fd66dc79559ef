"""Forms of the pages that join the apps: one module per topic."""
