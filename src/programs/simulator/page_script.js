// Runs in the browser: draws the picture with zoom, and shows one trade at a time.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const place = document.getElementById("picture");
  const story = document.getElementById("story");
  const lines = document.getElementById("lines");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  let chart = null;

  function show(index) {
    const told = data.stories[index];
    if (told === undefined) return;
    lines.replaceChildren(...told.map((text) => {
      const line = document.createElement("p");
      line.textContent = text;
      return line;
    }));
    story.showModal();
  }

  function draw() {
    const zoomed = chart === null
      ? {}
      : { start: chart.getOption().dataZoom[0].start, end: chart.getOption().dataZoom[0].end };
    chart?.dispose();
    const option = data.options[dark.matches ? "dark" : "light"];
    chart = echarts.init(place, null, { renderer: "svg" });
    // The page says title and verdict above the picture: its room is given back.
    const up = (part) => ({ ...part, top: part.top - 80 });
    chart.setOption({
      ...option,
      title: { show: false },
      graphic: [],
      legend: option.legend.map((part) => ({ ...up(part), show: true })),
      grid: option.grid.map(up),
      tooltip: { trigger: "axis", confine: true },
      axisPointer: { link: [{ xAxisIndex: "all" }] },
      dataZoom: [
        { type: "inside", xAxisIndex: [0, 1, 2], ...zoomed },
        { type: "slider", xAxisIndex: [0, 1, 2], bottom: 4, height: 28, ...zoomed },
      ],
    });
    chart.on("click", (event) => {
      if (typeof event.data?.trade === "number") show(event.data.trade);
    });
  }

  draw();
  dark.addEventListener("change", draw);
  addEventListener("resize", () => chart.resize());
  for (const row of document.querySelectorAll("tr[data-trade]")) {
    row.addEventListener("click", () => show(Number(row.dataset.trade)));
    row.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        show(Number(row.dataset.trade));
      }
    });
  }
})();
