"use client";
import { useEffect } from "react";
import { forgetDesks } from "./kept";

/** On a page for strangers: the session is over, and what it kept to read here goes with it. */
export function ForgetDesks() {
  useEffect(() => void forgetDesks(), []);
  return null;
}
