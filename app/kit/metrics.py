"""Prometheus metrics: requests, jobs, and the age of the oldest waiting delivery."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

REGISTRY = CollectorRegistry()
REQUESTS = Counter("qingqiao_requests", "HTTP requests by route and status", ["route", "status"], registry=REGISTRY)
REQUEST_SECONDS = Histogram("qingqiao_request_seconds", "Time to answer by route", ["route"], registry=REGISTRY)
JOBS = Counter("qingqiao_jobs", "Deliveries by subscriber and outcome", ["subscriber", "outcome"], registry=REGISTRY)
OUTBOX_WAITING = Gauge("qingqiao_outbox_waiting", "Deliveries that are due", registry=REGISTRY)
OUTBOX_DEAD = Gauge("qingqiao_outbox_dead", "Deliveries given up after their last try", registry=REGISTRY)
OUTBOX_AGE = Gauge("qingqiao_outbox_oldest_seconds", "Age of the oldest waiting delivery", registry=REGISTRY)


def exposition() -> bytes:
    """Return the metrics in Prometheus text form."""
    return generate_latest(REGISTRY)
