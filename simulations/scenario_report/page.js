// Without this the page works as well; with it the page says which language is shown, and keeps it.
for (const input of document.querySelectorAll("input.pick")) {
  const code = input.id.slice(3);
  const show = () => { document.documentElement.lang = code; };
  input.addEventListener("change", () => {
    show();
    try { localStorage["samko.language"] = code; } catch { /* a file may have no storage */ }
  });
  let kept = "";
  try { kept = localStorage["samko.language"]; } catch { /* as above */ }
  if (kept === code) {
    input.checked = true;
    show();
  }
}
