/* Comforts of the log form; it works without them.
   When another tab has saved the same form, "Compare both" must take this tab's text along: it
   sends the form as "Save and leave" does, and the server shows both. */

document.addEventListener("click", (event) => {
  const compare = event.target.closest("[data-banner=draft] a");
  const save = document.querySelector("form[data-draft-url] [data-draft-button]");
  if (!compare || !save || compare.target) return;
  event.preventDefault();
  save.form.requestSubmit(save);
});
