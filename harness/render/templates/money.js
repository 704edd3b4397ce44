(() => {
  const section = document.getElementById("money");
  const fields = [...section.querySelectorAll("input")];
  if (!fields.length) return;

  // The formulas of harness/costs.py; null is unknown and stays unknown.
  const HOURS_PER_MONTH = 730;
  const SECONDS_PER_MONTH = HOURS_PER_MONTH * 3600;
  const money = (tokens, price) => {
    if (tokens.prompt === null || tokens.output === null || price.input === null || price.output === null) return null;
    const cached = tokens.cached ?? 0;
    const cachedPrice = price.cached ?? price.input;
    return ((tokens.prompt - cached) * price.input + cached * cachedPrice + tokens.output * price.output) / 1e6;
  };
  const perCorrect = (cost, right) => (cost !== null && right ? cost / right : null);
  const monthly = (host) =>
    host.gpus === null || host.gpu_hour === null ? null : host.gpus * host.gpu_hour * HOURS_PER_MONTH + (host.fixed_per_month ?? 0);
  const capacity = (speed, utilisation, output) =>
    speed === null || utilisation === null || !output ? null : (speed * SECONDS_PER_MONTH * utilisation) / output;
  const reading = (full, prompt) => (full === null || prompt === null ? null : (full * prompt) / SECONDS_PER_MONTH);
  const over = (above, below) => (above !== null && below ? above / below : null);
  const weightBytes = (parameters, bits) => (parameters === null || bits === null ? null : (parameters * 1e9 * bits) / 8);
  const memoryBytes = (host) =>
    host.gpus === null || host.gpu_memory_gb === null ? null : host.gpus * host.gpu_memory_gb * 1e9;
  const cacheBytes = (host) =>
    [host.layers, host.kv_heads, host.head_dim, host.kv_bits].includes(null)
      ? null
      : (2 * host.layers * host.kv_heads * host.head_dim * host.kv_bits) / 8;

  // Numbers as harness/render/money_figures.py writes them.
  const UNKNOWN = "n/a";
  const fixed = (value, decimals) => {
    const [whole, rest] = value.toFixed(decimals).split(".");
    return whole.replace(/\B(?=(\d{3})+(?!\d))/g, ",") + (rest ? `.${rest}` : "");
  };
  const figure = (value) => {
    if (value === null) return UNKNOWN;
    const size = Math.abs(value);
    return size === 0 ? "0" : fixed(value, size >= 1000 ? 0 : size >= 1 ? 2 : size >= 0.01 ? 4 : 6);
  };
  const whole = (value) => (value === null ? UNKNOWN : fixed(value, 0));
  const shareOf = (value) => (value === null ? UNKNOWN : `${fixed(100 * value, 1)} %`);
  const againstBase = (value, reference) => {
    if (value === null || !reference) return UNKNOWN;
    const change = value / reference - 1;
    return change === 0 ? "the same" : `${shareOf(Math.abs(change))} ${change > 0 ? "more" : "less"}`;
  };
  const UNITS = [[1e12, 3, "TB"], [1e9, 1, "GB"], [1e6, 1, "MB"], [1e3, 1, "kB"], [1, 0, "B"]];
  const memory = (value) => {
    if (value === null) return UNKNOWN;
    const [factor, decimals, unit] = UNITS.find((each) => value >= each[0]) ?? UNITS.at(-1);
    return `${fixed(value / factor, decimals)} ${unit}`;
  };

  // A field that was not changed stands for the exact number behind it.
  const number = (text) => (text === undefined || text.trim() === "" || !Number.isFinite(Number(text)) ? null : Number(text));
  const valueOf = (field) => number(field.value === field.defaultValue ? field.dataset.exact : field.value);
  const inputs = new Map(fields.map((field) => [`${field.dataset.row} ${field.dataset.in}`, field]));
  const read = (row, name) => (inputs.has(`${row} ${name}`) ? valueOf(inputs.get(`${row} ${name}`)) : null);
  const priceOf = (row) => ({
    input: read(row, "price.input"), cached: read(row, "price.cached"), output: read(row, "price.output"),
  });
  const tokensOf = (row) => ({ prompt: read(row, "prompt"), cached: read(row, "cached"), output: read(row, "output") });
  const outputs = [...document.querySelectorAll("output[data-out]")];
  const show = (row, found) => {
    for (const output of outputs) {
      if (output.dataset.row === row && output.dataset.out in found) output.textContent = found[output.dataset.out];
    }
  };

  const interval = (cost, right) => {
    const least = perCorrect(cost, right.high);
    const most = perCorrect(cost, right.low);
    if (least === null) return UNKNOWN;
    return most === null ? `${figure(least)} or more` : `${figure(least)} to ${figure(most)}`;
  };

  const costOutputs = (tokens, price, right, base) => {
    const cost = money(tokens, price);
    const thousand = cost === null ? null : 1000 * cost;
    const bare = money({ ...tokens, cached: 0 }, price);
    return {
      thousand: figure(thousand),
      uncached: figure(bare === null ? null : 1000 * bare),
      against: againstBase(thousand, base === null ? null : 1000 * base),
      correct: figure(perCorrect(thousand, right.value)),
      correct_interval: interval(thousand, right),
    };
  };

  const memoryOutputs = (host) => {
    const held = memoryBytes(host);
    const cache = cacheBytes(host);
    const found = { memory: memory(held), cache: memory(cache) };
    for (const [name, bits] of [["own", host.bits], ["16", 16], ["8", 8], ["4", 4]]) {
      const weights = weightBytes(host.parameters_b, bits);
      const known = weights !== null && held !== null;
      found[`weights.${name}`] = memory(weights);
      found[`cards.${name}`] = whole(
        weights === null || !host.gpu_memory_gb ? null : Math.ceil(weights / (host.gpu_memory_gb * 1e9)),
      );
      found[`fits.${name}`] = known ? (weights <= held ? "yes" : "no") : UNKNOWN;
      found[`room.${name}`] = whole(known && cache ? Math.floor(Math.max(held - weights, 0) / cache) : null);
    }
    return found;
  };

  const hostOutputs = (row, host, right, rivals) => {
    const output = read(row, "output");
    const month = monthly(host);
    const full = capacity(host.tokens_per_second, 1, output);
    const found = { month: figure(month), full: whole(full), reads: whole(reading(full, read(row, "prompt"))), ...memoryOutputs(host) };
    const uses = [["40", 0.4], ["80", 0.8], ["own", host.utilisation]];
    for (const [name, used] of uses) {
      const tasks = capacity(host.tokens_per_second, used, output);
      const cost = over(month, tasks);
      found[`tasks.${name}`] = whole(tasks);
      found[`thousand.${name}`] = figure(cost === null ? null : 1000 * cost);
      found[`correct.${name}`] = figure(cost === null ? null : perCorrect(1000 * cost, right.value));
      found[`correct_interval.${name}`] = interval(cost === null ? null : 1000 * cost, right);
      found[`million.${name}`] = figure(cost === null || !output ? null : (1e6 * cost) / output);
    }
    for (const rival of rivals) {
      const even = over(month, money(tokensOf(rival), priceOf(rival)));
      found[`even.${rival}`] = whole(even);
      found[`needs.${rival}`] = shareOf(over(even, full));
      for (const [name, used] of uses) {
        const tasks = capacity(host.tokens_per_second, used, output);
        found[`reached.${name}.${rival}`] = even === null || tasks === null ? UNKNOWN : even <= tasks ? "yes" : "no";
        found[`against.${name}.${rival}`] = againstBase(over(month, tasks), money(tokensOf(rival), priceOf(rival)));
      }
    }
    return found;
  };

  const misfit = (host) => {
    const weights = weightBytes(host.parameters_b, host.bits);
    const held = memoryBytes(host);
    return weights !== null && held !== null && weights > held;
  };

  const volumeState = (row, host, rival) => {
    const volume = host.tasks_per_month;
    if (volume === null) return "not stated";
    const even = over(monthly(host), money(tokensOf(rival), priceOf(rival)));
    const tasks = capacity(host.tokens_per_second, host.utilisation, read(row, "output"));
    if (even === null) return "open";
    if (volume < even) return "does not hold";
    if (misfit(host)) return "open";
    return tasks !== null && volume <= tasks ? "holds" : "open";
  };

  const atVolume = (row, host) => {
    const full = capacity(host.tokens_per_second, host.utilisation, read(row, "output"));
    const volume = host.tasks_per_month;
    const cost = full !== null && volume !== null && volume <= full ? over(monthly(host), volume) : null;
    return figure(cost === null ? null : 1000 * cost);
  };

  const HOST = [
    "gpus", "gpu_memory_gb", "gpu_hour", "fixed_per_month", "tokens_per_second", "utilisation", "tasks_per_month",
    "parameters_b", "bits", "layers", "kv_heads", "head_dim", "kv_bits",
  ];
  const compute = () => {
    let changed = false;
    for (const field of fields) {
      const differs = field.value !== field.defaultValue;
      field.nextElementSibling.hidden = !differs;
      changed ||= differs;
    }
    for (const spread of section.querySelectorAll("td b + .spread")) spread.hidden = changed;
    for (const note of document.querySelectorAll(".edited")) note.hidden = !changed;
    const rows = new Map([...section.querySelectorAll("tr[data-cost]")].map((row) => [row.dataset.cost, row.dataset]));
    const tokensIn = ({ model, prompt, cached, output }) =>
      prompt === undefined ? tokensOf(model) : { prompt: number(prompt), cached: number(cached), output: number(output) };
    const costOf = (row) => (row ? money(tokensIn(row), priceOf(row.model)) : null);
    for (const [key, row] of rows) {
      const right = { value: number(row.right), low: number(row.low), high: number(row.high) };
      show(key, costOutputs(tokensIn(row), priceOf(row.model), right, costOf(rows.get(row.base))));
    }
    for (const block of section.querySelectorAll("[data-host]")) {
      const { host: row, right, low, high } = block.dataset;
      const host = Object.fromEntries(HOST.map((name) => [name, read(row, `host.${name}`)]));
      block.querySelector(".misfit").hidden = !misfit(host);
      const rivals = block.dataset.rivals.split(" ").filter(Boolean);
      show(row, {
        ...hostOutputs(row, host, { value: number(right), low: number(low), high: number(high) }, rivals),
        volume: volumeState(row, host, block.dataset.rival),
        "thousand.volume": atVolume(row, host),
        stated: host.tasks_per_month === null ? "no number of" : whole(host.tasks_per_month),
      });
    }
  };

  section.addEventListener("input", compute);
  document.getElementById("money-reset").addEventListener("click", () => {
    for (const field of fields) field.value = field.defaultValue;
    compute();
  });
  for (const hint of section.querySelectorAll(".when-scripted")) hint.hidden = false;
})();
