import { BarChart, LineChart, PieChart } from 'echarts/charts';
import { AriaComponent, AxisPointerComponent, GridComponent, TooltipComponent } from 'echarts/components';
import { type EChartsCoreOption, init, use, type EChartsType } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';

// As SVG: sharp when printed and enlarged, and without a canvas that refreshes would blank.
use([LineChart, BarChart, PieChart, GridComponent, TooltipComponent, AxisPointerComponent, AriaComponent, SVGRenderer]);

export interface ChartProps {
  label: string;
  /** Made again when the width changes, which decides how long names may be. */
  option(width: number): EChartsCoreOption;
  /** A click: on a slice or, in a chart with axes, anywhere beside the category, its name too. */
  onPick?(dataIndex: number): void;
}

/** One ECharts drawing that fills its box. */
export function Chart({ label, option, onPick }: ChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<EChartsType>(undefined);
  const pick = useRef(onPick);
  pick.current = onPick;
  const [size, setSize] = useState<{ width: number; height: number }>();

  useLayoutEffect(() => {
    const element = box.current!;
    const observer = new ResizeObserver(() => {
      const { clientWidth: width, clientHeight: height } = element;
      setSize((old) => (old?.width === width && old.height === height ? old : { width, height }));
    });
    observer.observe(element);
    const fit = () => {
      chart.current?.resize({ width: element.clientWidth, height: element.clientHeight });
      // At once: the paper does not wait for the next frame.
      chart.current?.getZr().flush();
    };
    const onPaper = () => {
      document.documentElement.classList.add('printing');
      fit();
    };
    const onScreen = () => {
      document.documentElement.classList.remove('printing');
      fit();
    };
    addEventListener('beforeprint', onPaper);
    addEventListener('afterprint', onScreen);
    return () => {
      observer.disconnect();
      removeEventListener('beforeprint', onPaper);
      removeEventListener('afterprint', onScreen);
      chart.current?.dispose();
      chart.current = undefined;
    };
  }, []);

  useEffect(() => {
    if (!size?.width || !size.height) return;
    const first = !chart.current;
    if (!chart.current) {
      chart.current = init(box.current, null, { renderer: 'svg' });
      chart.current.on('click', ({ dataIndex, seriesType }) => {
        if (seriesType === 'pie') pick.current?.(dataIndex);
      });
      chart.current.getZr().on('click', ({ offsetX, offsetY }) => {
        const place = chart.current && categoryAt(chart.current, offsetX, offsetY);
        if (place !== undefined) pick.current?.(place);
      });
    } else chart.current.resize(size);
    // Series that are gone must go; what stays is updated in place, without flicker.
    chart.current.setOption(
      { ...option(size.width), aria: { enabled: true }, ...(first ? {} : { animation: false }) },
      { replaceMerge: ['series', 'xAxis', 'yAxis'] },
    );
  }, [option, size]);

  return <div class={onPick ? 'chart pickable' : 'chart'} ref={box} role="img" aria-label={label} />;
}

/** Index of the category beside a point, in pixels; undefined for a chart without axes or a point beyond them. */
function categoryAt(chart: EChartsType, x: number, y: number): number | undefined {
  const { xAxis, yAxis } = chart.getOption() as {
    xAxis?: { type: string }[];
    yAxis?: { type: string; data?: unknown[] }[];
  };
  if (!xAxis?.[0] || !yAxis?.[0]) return undefined;
  const lying = yAxis[0].type === 'category';
  const place = Math.round(chart.convertFromPixel(lying ? { yAxisIndex: 0 } : { xAxisIndex: 0 }, lying ? y : x));
  const { data = [] } = (lying ? yAxis[0] : xAxis[0]) as { data?: unknown[] };
  return place >= 0 && place < data.length ? place : undefined;
}
