import { type ClassValue, clsx } from "clsx";
import { createTailwindMerge } from "tailwind-merge";

const any = () => true;
/** A size, as in `border-2`: not a colour. */
const isSize = (value: string) => /^\d|^\[\d/.test(value);

/** Utilities that set a property of the same name, whatever their value: `p-2`, `min-h-[40rem]`. */
const byName = [
  ...["p", "px", "py", "ps", "pe", "pt", "pb", "pl", "m", "mx", "my", "ms", "me", "mt", "mb", "scroll-mt"],
  ...["w", "h", "size", "min-w", "max-w", "min-h", "max-h", "basis", "gap", "gap-x", "gap-y"],
  ...["inset", "inset-x", "inset-y", "top", "bottom", "start", "end", "z", "order", "opacity", "cursor"],
  ...["fill", "leading", "grid-cols", "grid-rows", "auto-rows", "auto-cols", "grid-flow"],
  ...["translate-x", "translate-y", "scale-x", "line-clamp", "duration", "transition", "whitespace", "touch"],
  ...["resize", "select", "blur", "accent", "overflow", "overflow-x", "overflow-y", "rounded", "rounded-t"],
  ...["grow", "shrink", "underline-offset", "pointer-events", "shadow"],
];
const sides = ["t", "b", "s", "e", "y"];
/** Utilities whose prefix several properties share. */
const apart = {
  "bg-color": [{ bg: [any] }],
  "col-start-end": [{ col: [any] }],
  display: ["flex", "block", "inline", "inline-flex", "inline-block", "hidden", "contents", "grid", "table"],
  position: ["relative", "absolute", "sticky", "fixed", "static"],
  visibility: ["visible", "invisible", "collapse"],
  flex: [{ flex: ["1", "auto", "none", "initial"] }],
  "flex-direction": [{ flex: ["row", "row-reverse", "col", "col-reverse"] }],
  "flex-wrap": [{ flex: ["wrap", "nowrap", "wrap-reverse"] }],
  "align-items": [{ items: [any] }],
  "align-self": [{ self: [any] }],
  "align-content": [{ content: ["start", "center", "end", "between", "stretch"] }],
  "justify-content": [{ justify: ["start", "center", "end", "between", "around", "evenly"] }],
  "vertical-align": [{ align: ["top", "middle", "bottom", "baseline"] }],
  "font-size": [{ text: ["2xs", "xs", "sm", "base", "read", "lg", "xl", "2xl"] }],
  "text-alignment": [{ text: ["start", "center", "end", "left", "right"] }],
  "text-wrap": [{ text: ["pretty", "balance", "wrap", "nowrap"] }],
  "text-overflow": ["truncate", "text-ellipsis", "text-clip"],
  "text-color": [{ text: [any] }],
  "font-family": [{ font: ["mono", "sans"] }],
  "font-weight": [{ font: ["normal", "medium", "semibold", "bold"] }],
  "fvn-spacing": ["tabular-nums"],
  "text-decoration": ["underline", "line-through", "no-underline"],
  "text-decoration-thickness": [{ decoration: [isSize] }],
  break: [{ break: ["words", "all", "normal", "keep"] }],
  wrap: [{ wrap: [any] }],
  "list-style-type": [{ list: ["disc", "decimal", "none"] }],
  sr: ["sr-only"],
  "not-sr": ["not-sr-only"],
  ...Object.fromEntries(sides.map((side) => [`border-w-${side}`, [{ [`border-${side}`]: ["", isSize] }]])),
  "border-w": [{ border: ["", isSize] }],
  "border-style": [{ border: ["solid", "dashed", "none"] }],
  "border-collapse": [{ border: ["collapse", "separate"] }],
  "border-spacing": [{ "border-spacing": [any] }],
  "border-spacing-x": [{ "border-spacing-x": [any] }],
  "border-color": [{ border: [any] }],
  "divide-x": [{ "divide-x": ["", any] }],
  "divide-y": [{ "divide-y": ["", any] }],
  "divide-color": [{ divide: [any] }],
  "outline-offset": [{ "outline-offset": [any] }],
  "outline-style": [{ outline: ["none", "hidden", "solid", "dashed"] }],
  "outline-w": [{ outline: ["", isSize] }],
  "outline-color": [{ outline: [any] }],
  stroke: [{ stroke: [any] }],
  "table-layout": ["table-fixed", "table-auto"],
  "field-sizing": [{ "field-sizing": [any] }],
  filter: ["filter"],
};

const padding = ["px", "py", "ps", "pe", "pt", "pb", "pl"];
const margin = ["mx", "my", "ms", "me", "mt", "mb"];
const overflow = ["overflow-x", "overflow-y"];

/**
 * As tailwind-merge's whole configuration merges them, of the utilities that this app writes: that one is 5 kB more on
 * every page. `tests/unit/class-names.test.ts` holds the two together, and names a utility that this one does not know.
 */
const merge = createTailwindMerge(() => ({
  cacheSize: 500,
  theme: {},
  classGroups: {
    ...Object.fromEntries(byName.map((name) => [name, [{ [name]: ["", any] }]])),
    ...apart,
  },
  conflictingClassGroups: {
    p: padding,
    px: ["ps", "pe", "pl"],
    py: ["pt", "pb"],
    m: margin,
    mx: ["ms", "me"],
    my: ["mt", "mb"],
    size: ["w", "h"],
    gap: ["gap-x", "gap-y"],
    inset: ["inset-x", "inset-y", "start", "end", "top", "bottom"],
    "inset-x": ["start", "end"],
    "inset-y": ["top", "bottom"],
    flex: ["basis", "grow", "shrink"],
    overflow,
    rounded: ["rounded-t"],
    "border-w": sides.map((side) => `border-w-${side}`),
    "border-w-y": ["border-w-t", "border-w-b"],
    "border-spacing": ["border-spacing-x"],
    "line-clamp": ["display", "overflow"],
    sr: [
      "not-sr",
      "position",
      "size",
      "w",
      "h",
      "p",
      ...padding,
      "m",
      ...margin,
      "overflow",
      ...overflow,
      "whitespace",
    ],
    "not-sr": ["sr"],
  },
  conflictingClassGroupModifiers: { "font-size": ["leading"] },
  orderSensitiveModifiers: ["*", "**", "after", "before", "file", "marker", "placeholder", "selection"],
}));

/** Joins class names; of two utilities that set the same property the later one wins. */
export const cn = (...classes: ClassValue[]): string => merge(clsx(classes));
