(() => {
  const panel = document.getElementById("filter");
  const cases = [...document.querySelectorAll("details.case")];
  const search = document.getElementById("filter-text");
  const selects = [...panel.querySelectorAll("select")];
  const count = document.getElementById("filter-count");
  const texts = new Map();
  const MANY = 300; // from which on those off the screen are not laid out
  if (!cases.length) return;
  document.getElementById("replies").classList.toggle("many", cases.length > MANY);

  for (const select of selects) {
    const values = new Set(cases.map((each) => each.dataset[select.dataset.key]));
    for (const value of values) {
      if (value) select.add(new Option(value, value));
    }
  }

  const textOf = (each) => {
    if (!texts.has(each)) texts.set(each, each.textContent.toLowerCase());
    return texts.get(each);
  };

  const apply = () => {
    const wanted = search.value.trim().toLowerCase();
    const chosen = selects.filter((select) => select.value).map((select) => [select.dataset.key, select.value]);
    let shown = 0;
    for (const each of cases) {
      const fits = chosen.every(([key, value]) => each.dataset[key] === value) && (!wanted || textOf(each).includes(wanted));
      if (each.hidden === fits) each.hidden = !fits;
      shown += fits;
    }
    count.textContent = `${shown} of ${cases.length} replies`;
  };

  // A link from a red place shows the replies of that place alone; without this script it leads to the first of them.
  for (const link of document.querySelectorAll("a.lead-to")) {
    link.addEventListener("click", () => {
      search.value = "";
      for (const select of selects) select.value = link.dataset[select.dataset.key] || "";
      apply();
    });
  }

  document.getElementById("filter-expand").addEventListener("click", () => {
    for (const each of cases) each.open = !each.hidden;
  });
  panel.addEventListener("input", apply);
  panel.hidden = false;
  apply();
})();
