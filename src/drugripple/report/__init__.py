"""Reports as one HTML file or Markdown, and their figures."""
