"use client";
import { useEffect } from "react";

/**
 * Has the browser keep the page that stands in for the desk while the server is away. Only of a built site: while it
 * is written, its files have no hashes.
 */
export function useServiceWorker(): void {
  useEffect(() => {
    if (process.env.NODE_ENV !== "production" || !("serviceWorker" in navigator)) return;
    void (async () => {
      try {
        await navigator.serviceWorker.register("/sw.js");
        const { active } = await navigator.serviceWorker.ready;
        active?.postMessage("keep");
      } catch (error) {
        // Over plain http on a network there are none: the desk works as long as its page is open.
        console.info("Without a service worker a reload needs the server:", error);
      }
    })();
  }, []);
}
