'use strict';
// Draws the charts of the report from the JSON in it, with D3. Colours are the style sheet's, so print and dark mode follow.
(() => {
  const runs = JSON.parse(document.getElementById('data').textContent);
  const WIDTH = 1160;
  const LEFT = 230;
  const RIGHT = 70;

  const time = (ms) => ms === 0 ? '0' : ms < 10 ? d3.format('~r')(Math.floor(ms * 10) / 10) + 'ms' : ms < 1000 ? Math.floor(ms) + 'ms'
    : ms < 60000 ? d3.format('~r')(Math.floor(ms / 100) / 10) + 's' : d3.format('~r')(Math.floor(ms / 6000) / 10) + 'min';

  const canvas = (holder, height, title) => {
    const svg = d3.select(holder).append('svg').attr('viewBox', `0 0 ${WIDTH} ${height}`).attr('role', 'img')
      .attr('aria-label', title);
    svg.append('title').text(title);
    return svg;
  };

  const titled = (selection, text) => selection.append('title').text(text);

  // Rows of {label, sub, dots: [ms], probes: [{ms, verdict, text}]} over one logarithmic axis of time.
  const latencies = (holder, rows, title) => {
    const all = rows.flatMap((row) => row.dots.concat(row.probes.map((probe) => probe.ms)));
    const rowHeight = 34;
    const height = rows.length * rowHeight + 62;
    const svg = canvas(holder, height, title);
    const x = d3.scaleLog().domain([Math.max(0.1, Math.min(1, d3.min(all) * 0.8)), Math.max(2000, d3.max(all) * 1.5)])
      .range([LEFT, WIDTH - RIGHT]);
    const bottom = height - 40;
    const powers = d3.range(-1, 7).map((p) => 10 ** p).filter((v) => v >= x.domain()[0] && v <= x.domain()[1]);
    svg.append('g').attr('class', 'grid').attr('transform', `translate(0,${bottom})`)
      .call(d3.axisBottom(x).tickValues(powers).tickSize(-bottom + 16).tickFormat('')).select('.domain').remove();
    svg.append('g').attr('transform', `translate(0,${bottom})`)
      .call(d3.axisBottom(x).tickValues(powers).tickFormat(time).tickSizeOuter(0));
    svg.append('line').attr('class', 'limit').attr('x1', x(1000)).attr('x2', x(1000)).attr('y1', 14).attr('y2', bottom);
    svg.append('text').attr('class', 'soft').attr('x', x(1000) - 4).attr('y', 11).attr('text-anchor', 'end')
      .text('IMMEDIATE below 1s');
    svg.append('text').attr('class', 'soft').attr('x', LEFT).attr('y', height - 6)
      .text('from before send() to the acknowledgement · small dots: messages of the burst · large: probes');
    rows.forEach((row, i) => {
      const y = 32 + i * rowHeight;
      const g = svg.append('g');
      g.append('text').attr('x', LEFT - 12).attr('y', y + 4).attr('text-anchor', 'end').text(row.label);
      row.dots.forEach((ms, n) => titled(g.append('circle').attr('class', 'dot').attr('cx', x(Math.max(ms, x.domain()[0])))
        .attr('cy', y + (n % 5 - 2) * 3).attr('r', 2.5), `burst: ${time(ms)}`));
      const shown = d3.sort(row.probes, (probe) => probe.ms);
      shown.forEach((probe) => titled(g.append('circle').attr('class', probe.verdict)
        .attr('cx', x(Math.max(probe.ms, x.domain()[0]))).attr('cy', y).attr('r', 6.5), `${probe.text}: ${time(probe.ms)}`));
      const worst = shown[shown.length - 1];
      if (worst) {
        g.append('text').attr('class', 'over').attr('x', x(worst.ms) + 11).attr('y', y + 4).text(time(worst.ms));
      }
    });
  };

  const ofRounds = (run) => run.rounds.flatMap((round) => {
    const prefix = run.rounds.length > 1 ? `round ${round.number}, ` : '';
    return [{label: prefix + 'burst', dots: round.burst.latenciesMs, probes: []}].concat(round.probes.map((probe) => ({
      label: `${prefix}probe of partition ${probe.partition}`,
      dots: [],
      probes: [{ms: probe.elapsedMs, verdict: probe.verdict, text: probe.verdict}],
    })));
  });

  const ofVariants = () => runs.map((run) => ({
    label: run.name,
    dots: run.rounds.flatMap((round) => round.burst.latenciesMs),
    probes: run.rounds.flatMap((round) => round.probes.map((probe) => (
      {ms: probe.elapsedMs, verdict: probe.verdict, text: `partition ${probe.partition}, ${probe.verdict}`}))),
  }));

  const MARKS = [
    ['opened', d3.symbolCircle, 'opened'],
    ['closed', d3.symbolSquare, 'closed by the producer'],
    ['closed hard', d3.symbolSquare, 'ended by kernel or peer'],
    ['keepalive', d3.symbolDiamond, 'keepalive probe'],
    ['retransmission', d3.symbolTriangle, 'retransmission'],
    ['acknowledged', d3.symbolStar, 'late acknowledgement'],
    ['expired', d3.symbolCross, 'proxy: flow expired'],
  ];
  const markOf = (event) => {
    switch (event.kind) {
      case 'OPENED': return 'opened';
      case 'CLOSED': return event.text.startsWith('by the producer') ? 'closed' : 'closed hard';
      case 'KEEPALIVE_PROBE': return 'keepalive';
      case 'RETRANSMISSION': return 'retransmission';
      case 'ACKNOWLEDGED': return 'acknowledged';
      case 'PROXY': return event.text.startsWith('flow-expired') ? 'expired' : null;
      default: return null;
    }
  };
  const symbol = (name, size) => d3.symbol(MARKS.find((mark) => mark[0] === name)[1], size)();

  // Spans in which data of the socket was unacknowledged, and the times at which data went either way, from its samples.
  const spans = (socket, end) => {
    const unacked = [];
    const data = [];
    let since = null;
    let before = null;
    socket.samples.forEach((sample) => {
      if (sample.unacked > 0 && since === null) since = sample.atMs;
      if (sample.unacked === 0 && since !== null) {
        if (sample.atMs - since > 300) unacked.push([since, sample.atMs]);
        since = null;
      }
      const fresh = before === null ? sample.bytesSent > 0
        : sample.totalRetransmits === before.totalRetransmits
          && (sample.bytesSent > before.bytesSent || sample.bytesReceived > before.bytesReceived);
      if (fresh) data.push(sample.atMs);
      before = sample;
    });
    if (since !== null && end - since > 300) unacked.push([since, end]);
    return {unacked, data};
  };

  const timeline = (holder, run) => {
    const lane = 46;
    const top = 26;
    const bottom = top + run.sockets.length * lane + 6;
    const height = bottom + 82;
    const svg = canvas(holder, height, `Timeline of ${run.name}`);
    const x = d3.scaleLinear().domain([0, run.lengthMs]).range([LEFT, WIDTH - RIGHT]);
    const clamp = (ms) => x(Math.max(0, Math.min(run.lengthMs, ms)));
    const taken = [];
    // The widest first, so that the idle time and a stall have their names even where a burst has no room for its own.
    d3.sort(run.phases, (phase) => phase.fromMs - phase.toMs).forEach((phase) => {
      const wide = x(phase.toMs) - x(phase.fromMs);
      titled(svg.append('rect').attr('class', `band ${phase.kind}`).attr('x', x(phase.fromMs)).attr('y', top - 8)
        .attr('width', Math.max(1, wide)).attr('height', bottom - top + 8), `${phase.kind} ${time(phase.toMs - phase.fromMs)}`);
      const name = phase.kind.toLowerCase() + (phase.partition === null ? '' : ` ${phase.partition}`)
        + (run.rounds.length > 1 ? ` (${phase.round})` : '');
      const from = x(phase.fromMs) + 2;
      const to = from + name.length * 7;
      if (taken.every(([left, right]) => to < left || from > right)) {
        svg.append('text').attr('class', 'soft').attr('x', from).attr('y', top - 12).text(name);
        taken.push([from, to]);
      }
    });
    svg.append('g').attr('transform', `translate(0,${bottom})`)
      .call(d3.axisBottom(x).ticks(10).tickFormat(time).tickSizeOuter(0));
    run.sockets.forEach((socket, i) => {
      const y = top + i * lane + lane / 2 - 4;
      const end = socket.closedAtMs === null ? run.lengthMs : socket.closedAtMs;
      const g = svg.append('g').attr('class', 'lane');
      g.append('text').attr('x', LEFT - 12).attr('y', y - 1).attr('text-anchor', 'end')
        .text(`#${socket.id} ${socket.role.text}`.slice(0, 34));
      g.append('text').attr('class', 'soft').attr('x', LEFT - 12).attr('y', y + 14).attr('text-anchor', 'end')
        .text(socket.local);
      g.append('line').attr('class', 'life').attr('x1', x(socket.openedAtMs)).attr('x2', clamp(end)).attr('y1', y).attr('y2', y);
      const {unacked, data} = spans(socket, end);
      unacked.forEach(([from, to]) => titled(g.append('line').attr('class', 'unacked').attr('x1', x(from)).attr('x2', clamp(to))
        .attr('y1', y).attr('y2', y), `unacknowledged for ${time(to - from)}`));
      data.forEach((at) => g.append('line').attr('class', 'data').attr('x1', clamp(at)).attr('x2', clamp(at))
        .attr('y1', y - 6).attr('y2', y + 6));
      run.events.filter((event) => event.socket === socket.id).forEach((event) => {
        const mark = markOf(event);
        if (mark === null) return;
        const below = mark === 'retransmission' || mark === 'expired' ? 13 : 0;
        titled(g.append('path').attr('class', mark).attr('d', symbol(mark, 62))
          .attr('transform', `translate(${clamp(event.atMs)},${y + below})`),
        `${time(event.atMs)}: ${event.kind.toLowerCase().replaceAll('_', ' ')} ${event.text}`);
      });
    });
    const legend = svg.append('g').attr('class', 'legend');
    let at = 12;
    let row = bottom + 46;
    const entry = (text, draw) => {
      const wide = 40 + text.length * 6.8;
      if (at + wide > WIDTH) {
        at = 12;
        row += 22;
      }
      draw(legend, at, row);
      legend.append('text').attr('class', 'soft').attr('x', at + 22).attr('y', row + 4).text(text);
      at += wide;
    };
    MARKS.forEach(([name, , text]) => entry(text, (g, left, y) => g.append('path').attr('class', name)
      .attr('d', symbol(name, 62)).attr('transform', `translate(${left + 9},${y})`)));
    entry('data', (g, left, y) => g.append('line').attr('class', 'data').attr('x1', left + 9).attr('x2', left + 9)
      .attr('y1', y - 6).attr('y2', y + 6));
    entry('unacknowledged', (g, left, y) => g.append('line').attr('class', 'unacked').attr('x1', left).attr('x2', left + 18)
      .attr('y1', y).attr('y2', y));
  };

  document.querySelectorAll('[data-chart=comparison]').forEach((holder) =>
    latencies(holder, ofVariants(), 'Latency of every message, by variant'));
  document.querySelectorAll('article').forEach((article, i) => {
    latencies(article.querySelector('[data-chart=latency]'), ofRounds(runs[i]), `Latencies of ${runs[i].name}`);
    timeline(article.querySelector('[data-chart=timeline]'), runs[i]);
  });
})();
