// Copy buttons, and a list of pages below the search field. Everything can be read without this file.
"use strict";
(() => {
  const make = (name, text, attributes) => Object.assign(document.createElement(name), { textContent: text }, attributes);

  for (const box of document.querySelectorAll(".code, .example")) {
    const button = make("button", "Copy", { className: "copy", type: "button" });
    button.addEventListener("click", async () => {
      const shown = [...box.querySelectorAll("pre")].find((pre) => pre.offsetParent) || box.querySelector("pre");
      const lines = shown.textContent.trimEnd().split("\n");
      const commands = lines.filter((line) => line.startsWith("$ ")).map((line) => line.slice(2));
      try {
        await navigator.clipboard.writeText((commands.length ? commands : lines).join("\n"));
        button.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(shown);
        button.textContent = "Press Ctrl+C";
      }
      setTimeout(() => { button.textContent = "Copy"; }, 1500);
    });
    box.append(button);
  }

  const form = document.querySelector(".find");
  const field = form && form.querySelector("input");
  if (!field) return;
  const list = make("ul", "", { className: "found", hidden: true });
  const said = make("span", "", { className: "hidden" });
  said.setAttribute("role", "status");
  form.append(list, said);
  let index;
  const load = () => { index ||= fetch(form.dataset.index).then((answer) => answer.json()); return index; };
  const show = async () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    const all = words.length ? await load() : [];
    const hits = all.map((page) => {
      const title = page.t.toLowerCase();
      const text = title + " " + page.k.toLowerCase();
      if (!words.every((word) => text.includes(word))) return null;
      return [words.reduce((sum, word) => sum + (title.startsWith(word) ? 3 : title.includes(word) ? 2 : 0), 0), page];
    }).filter(Boolean).sort((a, b) => b[0] - a[0]).slice(0, 12);
    list.replaceChildren(...hits.map(([, page]) => {
      const link = make("a", page.t, { href: page.u });
      link.append(make("small", page.s));
      const item = document.createElement("li");
      item.append(link);
      return item;
    }));
    list.hidden = !words.length || !hits.length;
    said.textContent = words.length ? hits.length + " pages found" : "";
  };
  field.addEventListener("focus", load);
  field.addEventListener("input", show);
  form.addEventListener("keydown", (event) => {
    const links = [...list.querySelectorAll("a")];
    const at = links.indexOf(document.activeElement);
    if (event.key === "Escape") { list.hidden = true; field.focus(); }
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp" || !links.length) return;
    event.preventDefault();
    const next = at + (event.key === "ArrowDown" ? 1 : -1);
    (links[next] || field).focus();
  });
  document.addEventListener("click", (event) => { if (!form.contains(event.target)) list.hidden = true; });
  document.addEventListener("keydown", (event) => {
    const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) || event.target.isContentEditable;
    if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    field.focus();
    field.select();
  });
})();
