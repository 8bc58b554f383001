"""How Sphinx builds the documentation: MyST pages, the Furo theme, reference pages taken from the code."""

from alliance import __version__

project = "alliance"
project_copyright = "the alliance project, Apache-2.0"
release = version = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx_click"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_class_signature = "separated"
autodoc_default_options = {"exclude-members": "__init__, __new__"}  # how one is made is the library's business
autodoc_preserve_defaults = True
default_role = "py:obj"  # what stands in single backticks in a docstring
smartquotes_action = "qe"  # the dashes of an option are its own

html_theme = "furo"
html_title = f"alliance {release}"
html_static_path = ["_static"]
html_css_files = ["alliance.css"]
