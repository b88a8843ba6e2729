import type { MetadataRoute } from "next";

/** Installed, Concord opens like a program of its own. While the server is away its desks open, and no other page (`sw.js`). */
export default function manifest(): MetadataRoute.Manifest {
  return {
    name: "Concord",
    short_name: "Concord",
    description: "Expert preferences in, aligned models out.",
    start_url: "/projects",
    display: "standalone",
    background_color: "#fafafa",
    theme_color: "#fafafa",
    icons: [{ src: "/icon.svg", type: "image/svg+xml", sizes: "any" }],
  };
}
