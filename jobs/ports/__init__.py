"""What the heart needs from the world, as Protocols; adapters elsewhere implement them.

Knows only `jobs.model` and `jobs.errors`. All times are epoch seconds, all sizes bytes.
"""

from .catalog import Catalog, InputRules, Offer
from .clock import Clock
from .figures import Bookkeeper, Deliveries, Figures
from .files import WATCH_LIFE, FetchFile, Fit, Intake, MediaShop
from .library import Found, KeptDraft, Library, Wanted
from .people import Courier, Standing
from .provider import TaskReport, TaskState, VideoLink, VideoProvider
from .store import DueCard, JobStore, JobTransaction, Traffic, Usage

__all__ = [
    "WATCH_LIFE",
    "Bookkeeper",
    "Catalog",
    "Clock",
    "Courier",
    "Deliveries",
    "DueCard",
    "FetchFile",
    "Figures",
    "Fit",
    "Found",
    "InputRules",
    "Intake",
    "JobStore",
    "JobTransaction",
    "KeptDraft",
    "Library",
    "MediaShop",
    "Offer",
    "Standing",
    "TaskReport",
    "TaskState",
    "Traffic",
    "Usage",
    "VideoLink",
    "VideoProvider",
    "Wanted",
]
