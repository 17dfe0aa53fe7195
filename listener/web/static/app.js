// Makes pages that work without it more comfortable: parts refresh themselves, filters apply at once,
// charts answer the pointer and the arrow keys. No library, nothing from elsewhere.
"use strict";

const REFRESH_MS = 30000;

async function load(url) {
  const response = await fetch(url, { headers: { Accept: "text/html" }, credentials: "same-origin" });
  if (!response.ok || response.redirected) throw new Error(String(response.status));
  return new DOMParser().parseFromString(await response.text(), "text/html");
}

// ---------------------------------------------------------------- parts that refresh themselves

function busy(part) {
  return part.contains(document.activeElement) && document.activeElement !== document.body
    || part.querySelector("details[open]:not([data-fold]), .explained:not([hidden])") !== null
    || (!getSelection().isCollapsed && part.contains(getSelection().anchorNode));
}

function refreshFrom(page) {
  for (const part of document.querySelectorAll("[data-live][id]")) {
    const fresh = page.getElementById(part.id);
    if (fresh && !busy(part) && fresh.innerHTML !== part.innerHTML) part.replaceChildren(...fresh.childNodes);
  }
  enhance();
}

async function refresh() {
  if (document.hidden) return;
  try {
    refreshFrom(await load(location.href.split("#")[0]));
    document.getElementById("stale").hidden = true;
  } catch {
    document.getElementById("stale").hidden = false;
  }
}

// ---------------------------------------------------------------- filters that apply at once

async function show(url, push) {
  try {
    const page = await load(url);
    const main = document.getElementById("main");
    const focused = document.activeElement?.name;
    const open = document.querySelector("[data-fold]")?.open;
    main.replaceChildren(...page.getElementById("main").childNodes);
    document.title = page.title;
    // Enter in a field is a change and a submit: one step back must undo both.
    if (push && new URL(url, location).href !== location.href) history.pushState(null, "", url);
    enhance();
    const fold = document.querySelector("[data-fold]");
    if (fold && open !== undefined) fold.open = open;
    if (focused) main.querySelector(`[name="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  } catch {
    location.assign(url);
  }
}

function filterUrl(form) {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (value !== "") query.append(name, value);
  const path = form.getAttribute("action")?.split("#")[0] || location.pathname;
  return query.size ? `${path}?${query}` : path;
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-filter]")) return;
  event.preventDefault();
  show(filterUrl(form), true);
});

document.addEventListener("change", (event) => {
  const form = event.target.closest("[data-filter]");
  if (form) show(filterUrl(form), true);
});

addEventListener("popstate", () => show(location.href, false));

// ---------------------------------------------------------------- charts

const tip = document.getElementById("tip");

function showTip(mark, x, y) {
  tip.textContent = mark.dataset.tip;
  tip.hidden = false;
  const box = tip.getBoundingClientRect();
  const left = Math.min(Math.max(8, x + 14), innerWidth - box.width - 8);
  const top = y - box.height - 12 < 8 ? y + 16 : y - box.height - 12;
  tip.style.left = `${left}px`;
  tip.style.top = `${top}px`;
}

function hideTip() {
  tip.hidden = true;
  for (const mark of document.querySelectorAll(".hit.on")) mark.classList.remove("on");
}

document.addEventListener("pointermove", (event) => {
  const mark = event.target.closest?.("[data-tip]");
  if (mark) showTip(mark, event.clientX, event.clientY);
  else if (!tip.hidden && !document.querySelector(".hit.on")) hideTip();
});
document.addEventListener("scroll", hideTip, { passive: true });

function step(plot, by) {
  const marks = [...plot.querySelectorAll(".hit")];
  const now = marks.findIndex((mark) => mark.classList.contains("on"));
  const next = now < 0 ? marks.length - 1 : Math.min(Math.max(0, now + by), marks.length - 1);
  hideTip();
  marks[next].classList.add("on");
  const box = marks[next].getBoundingClientRect();
  showTip(marks[next], box.left + box.width / 2, box.top + 40);
  plot.setAttribute("aria-label", marks[next].dataset.tip.replaceAll("\n", ", "));
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") return hideTip();
  const plot = document.activeElement?.closest?.(".plot");
  if (!plot || !["ArrowLeft", "ArrowRight", "Enter"].includes(event.key)) return;
  event.preventDefault();
  if (event.key === "Enter") plot.querySelector(".hit.on")?.closest("a")?.dispatchEvent(new MouseEvent("click", { bubbles: true }));
  else step(plot, event.key === "ArrowLeft" ? -1 : 1);
});
document.addEventListener("focusout", hideTip);

// ---------------------------------------------------------------- keys on the review page

function ask(by) {
  const all = [...document.querySelectorAll(".ask")];
  const now = all.indexOf(document.activeElement?.closest(".ask"));
  const next = all[Math.min(Math.max(0, now + by), all.length - 1)];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.matches("input:not([type=radio]):not([type=checkbox]), select, textarea")) return;
  if (!document.querySelector(".ask")) return;
  if (event.key === "j" || event.key === "k") return ask(event.key === "j" ? 1 : -1);
  const chosen = document.activeElement?.closest(".ask")?.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!chosen) return;
  event.preventDefault();
  chosen.focus();
  chosen.click();
});

// After an answer the next question waits under the fingers.
if (document.querySelector(".notice") && location.pathname === "/review") ask(1);
for (const hint of document.querySelectorAll("[data-keys]")) hint.hidden = false;

// ---------------------------------------------------------------- small comforts

function foldLongTexts() {
  for (const text of document.querySelectorAll("[data-clamp]:not(.clamped):not(.whole)")) {
    text.classList.add("clamped");
    if (text.scrollHeight <= text.clientHeight + 4) {
      text.classList.remove("clamped");
      text.classList.add("whole");
      continue;
    }
    const button = document.createElement("button");
    button.type = "button";
    button.className = "unfold";
    button.textContent = document.getElementById("main").dataset.unfold;
    button.addEventListener("click", () => {
      text.classList.replace("clamped", "whole");
      button.remove();
    });
    text.after(button);
  }
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (!button) return;
  const field = document.getElementById(button.dataset.copy);
  field.select();
  try { await navigator.clipboard.writeText(field.value); } catch { document.execCommand("copy"); }
  button.textContent = button.dataset.done;
});

// ---------------------------------------------------------------- why a mention was judged so

async function explain(link) {
  const mention = link.closest(".mention");
  let place = mention.querySelector(".explained");
  if (place) {
    place.hidden = !place.hidden;
    link.setAttribute("aria-expanded", String(!place.hidden));
    return;
  }
  place = document.createElement("div");
  place.className = "explained";
  place.setAttribute("role", "status");
  mention.setAttribute("aria-busy", "true");
  mention.querySelector("footer").before(place);
  try {
    place.replaceChildren(...(await load(link.href)).getElementById("explanation").childNodes);
    link.setAttribute("aria-expanded", "true");
  } catch {
    location.assign(link.href);
  } finally {
    mention.removeAttribute("aria-busy");
  }
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("[data-explain]");
  if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  explain(link);
});

function enhance() {
  // The browser's own tooltip would come on top of ours; the words stay for screen readers.
  for (const title of document.querySelectorAll(".plot title")) {
    const parent = title.parentNode;
    if (parent.matches(".hit")) title.remove();
    else if (!parent.hasAttribute("aria-label")) {
      parent.setAttribute("aria-label", title.textContent);
      parent.removeAttribute("aria-labelledby");
      title.remove();
    }
  }
  foldLongTexts();
}

if (matchMedia("(max-width: 1000px)").matches) document.querySelector("[data-fold]")?.removeAttribute("open");
enhance();
if (document.querySelector("[data-live]")) setInterval(refresh, REFRESH_MS);
