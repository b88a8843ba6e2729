"use client";
import { createContext, type ReactNode, useCallback, useContext, useState } from "react";
import { onDemand, useOnDemand } from "./on-demand";
import type { ToastMessage } from "./toast-list";

type Shown = ToastMessage & { id: number };

const ToastContext = createContext<(message: ToastMessage) => void>(() => {});

/** Says what just happened, and how to take it back. */
export const useToast = () => useContext(ToastContext);

/** Loaded with the first message. */
const list = onDemand(() => import("./toast-list"));

/** Loads it now, for a page that must be able to tell something while the server is away. */
export const loadToasts = (): void => void list.load();

let lastId = 0;

export function ToastProvider({ children }: { children: ReactNode }) {
  const [shown, setShown] = useState<Shown[]>([]);
  const show = useCallback((message: ToastMessage) => {
    lastId += 1;
    setShown((all) => [...all.slice(-2), { ...message, id: lastId }]);
  }, []);
  const remove = (id: number) => setShown((all) => all.filter((toast) => toast.id !== id));
  const loaded = useOnDemand(list, shown.length > 0);
  return (
    <ToastContext value={show}>
      {children}
      {loaded && <loaded.ToastList shown={shown} onRemove={remove} />}
    </ToastContext>
  );
}
