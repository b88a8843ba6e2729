"use client";
import { createContext, type ReactNode, useContext } from "react";
import type { FigureId } from "@/server/figure/schema";

type Names = Readonly<Record<string, string>>;
const Context = createContext<Names>({});

/** What each number of the catalogue is called. The rest of the catalogue comes when somebody asks what a number is. */
export const useFigureNames = (): Names => useContext(Context);

/** Tells an entry of the catalogue from another word. */
export function useIsFigure(): (id: string) => id is FigureId {
  const names = useFigureNames();
  return (id): id is FigureId => Object.hasOwn(names, id);
}

export const FigureNames = ({ names, children }: { names: Names; children: ReactNode }) => (
  <Context value={names}>{children}</Context>
);
