"""The heart: durable video jobs. Knows neither Discord, HTTP nor SQL."""
