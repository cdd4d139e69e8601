/* Suggestions while one types, as the combobox pattern of ARIA asks; and the browser's place, when it is given. */
(() => {
  "use strict";

  const boxOf = (form) => form.querySelector(".suggestions");
  const inputOf = (form) => form.querySelector("input[type=search]");
  const optionsOf = (form) => Array.from(boxOf(form).querySelectorAll("[role=option]"));

  const prepare = (form) => {
    const input = inputOf(form);
    const box = boxOf(form);
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-expanded", "false");
    input.setAttribute("aria-controls", box.id);
    box.setAttribute("role", "listbox");
    box.setAttribute("aria-label", "搜索建议");
  };

  const choose = (form, option) => {
    optionsOf(form).forEach((each) => each.setAttribute("aria-selected", String(each === option)));
    if (option) {
      inputOf(form).setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else {
      inputOf(form).removeAttribute("aria-activedescendant");
    }
  };

  const show = (form, open) => {
    boxOf(form).hidden = !open;
    inputOf(form).setAttribute("aria-expanded", String(open));
    if (!open) choose(form, null);
  };

  /* The answer is a plain list of links; here its links become options. */
  const adopt = (form) => {
    const box = boxOf(form);
    const links = Array.from(box.querySelectorAll("a"));
    links.forEach((link, number) => {
      link.id = `${box.id}-${number}`;
      link.setAttribute("role", "option");
      link.setAttribute("aria-selected", "false");
      link.tabIndex = -1;
    });
    box.querySelectorAll("ul, li").forEach((each) => each.setAttribute("role", "presentation"));
    box.querySelectorAll("ul").forEach((each) => each.removeAttribute("aria-label"));
    const input = inputOf(form);
    const open = links.length > 0 && document.activeElement === input && input.value.trim() !== "";
    show(form, open);
    form.querySelector("[data-suggest-says]").textContent = open ? `${links.length} 条建议，用上下键选择` : "";
  };

  const step = (form, by) => {
    const options = optionsOf(form);
    if (!options.length) return;
    if (boxOf(form).hidden) show(form, true);
    const at = options.findIndex((each) => each.getAttribute("aria-selected") === "true");
    const next = at < 0 ? (by > 0 ? 0 : options.length - 1) : at + by;
    choose(form, options[next] || null);
  };

  document.querySelectorAll("form[data-suggest]").forEach(prepare);

  document.addEventListener("htmx:afterSwap", (event) => {
    const form = event.target.closest && event.target.closest("form[data-suggest]");
    if (form) adopt(form);
  });

  document.addEventListener("keydown", (event) => {
    const form = event.target.closest && event.target.closest("form[data-suggest]");
    if (!form || event.target !== inputOf(form) || event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      step(form, event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Escape" && !boxOf(form).hidden) {
      event.preventDefault();
      event.stopPropagation();
      show(form, false);
    } else if (event.key === "Enter" && !boxOf(form).hidden) {
      const chosen = optionsOf(form).find((each) => each.getAttribute("aria-selected") === "true");
      if (chosen) {
        event.preventDefault();
        chosen.click();
      }
    }
  }, true);

  document.addEventListener("focusout", (event) => {
    const form = event.target.closest && event.target.closest("form[data-suggest]");
    if (form && !form.contains(event.relatedTarget)) show(form, false);
  });
  document.addEventListener("mousedown", (event) => {
    if (event.target.closest(".suggestions")) event.preventDefault();
  });

  document.querySelectorAll("[data-here]").forEach((button) => {
    if (!("geolocation" in navigator)) return;
    button.hidden = false;
    button.addEventListener("click", () => {
      button.disabled = true;
      navigator.geolocation.getCurrentPosition((found) => {
        const address = new URL(window.location.href);
        const { latitude, longitude } = found.coords;
        address.searchParams.set("near", `${latitude.toFixed(2)},${longitude.toFixed(2)}`);
        address.searchParams.set("sort", "near");
        address.searchParams.delete("page");
        window.location.assign(address);
      }, () => {
        button.textContent = "没有拿到位置，请选城市";
      }, { maximumAge: 600000, timeout: 8000 });
    });
  });
})();
