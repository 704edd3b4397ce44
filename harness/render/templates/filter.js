(() => {
  const panel = document.getElementById("filter");
  const cases = [...document.querySelectorAll("details.case")];
  const search = document.getElementById("filter-text");
  const selects = [...panel.querySelectorAll("select")];
  const count = document.getElementById("filter-count");
  const texts = new Map();
  if (!cases.length) return;

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
    const chosen = selects.filter((select) => select.value);
    let shown = 0;
    for (const each of cases) {
      const fits = chosen.every((select) => each.dataset[select.dataset.key] === select.value);
      each.hidden = !(fits && (!wanted || textOf(each).includes(wanted)));
      shown += !each.hidden;
    }
    count.textContent = `${shown} of ${cases.length} replies`;
  };

  document.getElementById("filter-expand").addEventListener("click", () => {
    for (const each of cases) each.open = !each.hidden;
  });
  panel.addEventListener("input", apply);
  panel.hidden = false;
  apply();
})();
