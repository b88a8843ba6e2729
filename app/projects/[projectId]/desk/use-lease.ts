"use client";
import { useEffect, useEffectEvent } from "react";

const signs = ["keydown", "pointerdown", "pointermove", "scroll"] as const;

/** Keeps the rater's seats for as long as there is somebody at the desk: one lease after the last sign of life. */
export function useLease({ leaseSeconds, renew }: { leaseSeconds: number; renew: () => Promise<unknown> }) {
  const beat = useEffectEvent(() => {
    // Missing one beat costs nothing: the lease lasts for three.
    void renew().catch(() => {});
  });
  useEffect(() => {
    let seen = Date.now();
    const see = () => {
      seen = Date.now();
    };
    for (const sign of signs) document.addEventListener(sign, see, { passive: true, capture: true });
    const timer = setInterval(
      () => Date.now() - seen < leaseSeconds * 1000 && beat(),
      (leaseSeconds * 1000) / 3,
    );
    return () => {
      clearInterval(timer);
      for (const sign of signs) document.removeEventListener(sign, see, { capture: true });
    };
  }, [leaseSeconds]);
}
