/**
 * A classic script that runs before anything is drawn: the theme that was chosen the last time is
 * set at once, so that no white page flashes in a dark room.
 */
try {
  const theme = localStorage.getItem("samko.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // storage is forbidden: as the computer is set
}
