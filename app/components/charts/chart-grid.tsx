"use client";
import { useState } from "react";
import { cn } from "../ui/cn";
import { Dialog } from "../ui/dialog";
import { Curve, type Line } from "./curve";
import type { ChartSettings } from "./settings";

/** The plots of a page; one of them at a time as large as the window. */
export function ChartGrid({
  plots,
  settings,
  className,
}: {
  plots: readonly { title: string; unit: string; lines: readonly Line[] }[];
  settings: ChartSettings;
  className?: string;
}) {
  const [large, setLarge] = useState<string | null>(null);
  const enlarged = plots.find(({ title }) => title === large);
  return (
    <>
      <div className={cn("grid gap-x-6 gap-y-6 lg:grid-cols-2", className)}>
        {plots.map((plot) => (
          <Curve key={plot.title} {...plot} settings={settings} onEnlarge={() => setLarge(plot.title)} />
        ))}
      </div>
      <Dialog
        open={enlarged !== undefined}
        onOpenChange={() => setLarge(null)}
        title={enlarged?.title}
        className="top-[3vh] max-h-[94vh] max-w-[96vw]"
      >
        {enlarged && (
          <Curve {...enlarged} settings={settings} height={Math.round(window.innerHeight * 0.55)} />
        )}
      </Dialog>
    </>
  );
}
