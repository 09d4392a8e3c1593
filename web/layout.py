"""What the pages look like: markup and style, with nothing that runs and nothing from elsewhere. Data only."""

from __future__ import annotations

from string import Template
from typing import Final

STYLE: Final = """
:root { color-scheme: light dark; --ground: #f4f4f6; --ink: #26272b; --quiet: #63656e; --line: #d9dae0; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #131417; --ink: #e7e8ec; --quiet: #9a9ca6; --line: #2e3036; }
}
* { box-sizing: border-box; margin: 0; }
body {
  min-height: 100vh; min-height: 100svh; display: grid; place-items: center;
  padding: max(1rem, env(safe-area-inset-top)) max(1rem, env(safe-area-inset-right))
    max(1rem, env(safe-area-inset-bottom)) max(1rem, env(safe-area-inset-left));
  background: var(--ground); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "PingFang SC", "Microsoft YaHei", sans-serif;
}
figure { display: grid; gap: .75rem; width: fit-content; max-width: min(100%, 80rem); }
video {
  display: block; max-width: 100%; max-height: calc(100vh - 6rem); max-height: calc(100svh - 6rem);
  border-radius: .75rem; background: #000; box-shadow: 0 .5rem 2rem rgb(0 0 0 / .18);
}
figcaption { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center; justify-content: space-between; }
figcaption { color: var(--quiet); font-size: .875rem; }
a {
  color: var(--ink); text-decoration: none; border: 1px solid var(--line); border-radius: 2rem; padding: .375rem 1rem;
}
a:hover, a:focus-visible { border-color: var(--ink); }
section { max-width: 32rem; text-align: center; }
h1 { font-size: 1.375rem; font-weight: 600; line-height: 1.3; margin-bottom: .5rem; text-wrap: balance; }
p { color: var(--quiet); text-wrap: pretty; }
"""

_HEAD: Final = """<!doctype html>
<html lang="$language">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<meta name="application-name" content="$signature">
<meta name="robots" content="noindex, nofollow, noarchive">
<meta name="referrer" content="no-referrer">
<title>$title</title>
"""

# What chat programs make a player of (The Open Graph protocol, og:video). Discord plays the file that is named here, and
# no page around it; how wide and high it is stands in the file.
_UNFURLED: Final = """<meta property="og:type" content="video.other">
<meta property="og:title" content="$title">
<meta property="og:url" content="$page">
<meta property="og:video" content="$page/video.mp4">
<meta property="og:video:url" content="$page/video.mp4">
<meta property="og:video:secure_url" content="$page/video.mp4">
<meta property="og:video:type" content="video/mp4">
<meta name="twitter:card" content="player">
<meta name="twitter:title" content="$title">
<meta name="twitter:player" content="$page/video.mp4">
<meta name="twitter:player:stream" content="$page/video.mp4">
<meta name="twitter:player:stream:content_type" content="video/mp4">
"""

PAGE: Final = Template(f"""{_HEAD}{_UNFURLED}<style>{STYLE}</style>
</head>
<body>
<main>
<figure>
<video src="$video" controls autoplay muted loop playsinline preload="auto"></video>
<figcaption><span>$label</span><a href="$video" download="video.mp4">$download</a></figcaption>
</figure>
</main>
</body>
</html>
""")
"""The page of a video: `page` is its whole address, `video` the file's as seen from there."""

GONE: Final = Template(f"""{_HEAD}<style>{STYLE}</style>
</head>
<body>
<main>
<section>
<h1>$title</h1>
<p>$about</p>
</section>
</main>
</body>
</html>
""")
"""The page for every address that leads nowhere (any more)."""
