"use client";
import { useQuery } from "@tanstack/react-query";
import dynamic from "next/dynamic";
import { PageHeader } from "@/app/components/shell/page-header";
import type { AddressReader } from "@/app/components/table/address";
import { useAddress } from "@/app/components/table/use-address";
import { Tab, TabList, TabPanel, Tabs } from "@/app/components/ui/tabs";
import { useTRPC } from "@/app/trpc/client";
import { DangerZone } from "./danger-zone";
import { GeneralForm } from "./general-form";
import { RetentionForm } from "./retention-form";
import { Usage } from "./usage";

// Each with its tab: some show what raters see, and need the desk for it.
const GuidelinesEditor = dynamic(() => import("./guidelines-editor").then((tab) => tab.GuidelinesEditor));
const FormSettings = dynamic(() => import("./form-settings").then((tab) => tab.FormSettings));
const Gold = dynamic(() => import("./gold").then((tab) => tab.Gold));
const Endpoints = dynamic(() => import("./endpoints").then((tab) => tab.Endpoints));

const tabs = ["general", "guidelines", "form", "gold", "endpoints", "usage", "retention", "danger"] as const;
const tabNames = {
  general: "General",
  guidelines: "Guidelines",
  form: "Form",
  gold: "Known answers",
  endpoints: "Endpoints",
  usage: "Usage",
  retention: "Retention",
  danger: "Archive or delete",
};
const settingsAddress = (address: AddressReader) => ({ tab: address.oneOf("tab", tabs) ?? "general" });

/** Everything a manager may change about the project. Members are on the page People. */
export function Settings({ projectId }: { projectId: string }) {
  const trpc = useTRPC();
  const [{ tab }, address] = useAddress(settingsAddress);
  const project = useQuery(trpc.project.get.queryOptions({ projectId }));
  const forms = useQuery(trpc.project.forms.queryOptions({ projectId }));
  const guidelines = useQuery(trpc.project.guidelines.queryOptions({ projectId }));
  if (!project.data || !forms.data || !guidelines.data)
    return <PageHeader title="Settings">{project.error?.message}</PageHeader>;
  return (
    <Tabs
      value={tab}
      onValueChange={(next) => address.set({ tab: next })}
      className="flex min-h-0 flex-1 flex-col"
    >
      <PageHeader title="Settings" />
      <TabList aria-label="Settings" className="scroll-thin shrink-0 overflow-x-auto px-4 md:px-6">
        {tabs.map((name) => (
          <Tab key={name} value={name} className="whitespace-nowrap">
            {tabNames[name]}
          </Tab>
        ))}
      </TabList>
      <TabPanel value="general" className="scroll-thin min-h-0 flex-1 overflow-y-auto px-4 py-5 md:px-6">
        <GeneralForm project={project.data} />
      </TabPanel>
      <TabPanel value="guidelines" className="scroll-thin min-h-0 flex-1 overflow-y-auto px-4 py-5 md:px-6">
        <GuidelinesEditor key={guidelines.data[0]?.id} projectId={projectId} versions={guidelines.data} />
      </TabPanel>
      <TabPanel value="form" className="min-h-0 flex-1 max-lg:overflow-y-auto">
        <FormSettings key={forms.data[0]?.id} project={project.data} versions={forms.data} />
      </TabPanel>
      <TabPanel value="gold" className="scroll-thin min-h-0 flex-1 overflow-y-auto px-4 py-5 md:px-6">
        <Gold projectId={projectId} />
      </TabPanel>
      <TabPanel value="endpoints" className="scroll-thin min-h-0 flex-1 overflow-y-auto px-4 py-5 md:px-6">
        <Endpoints projectId={projectId} />
      </TabPanel>
      <TabPanel value="usage" className="scroll-thin min-h-0 flex-1 overflow-y-auto px-4 py-5 md:px-6">
        <Usage projectId={projectId} />
      </TabPanel>
      <TabPanel value="retention" className="scroll-thin min-h-0 flex-1 overflow-y-auto px-4 py-5 md:px-6">
        <RetentionForm project={project.data} />
      </TabPanel>
      <TabPanel value="danger" className="scroll-thin min-h-0 flex-1 overflow-y-auto px-4 py-5 md:px-6">
        <DangerZone project={project.data} />
      </TabPanel>
    </Tabs>
  );
}
