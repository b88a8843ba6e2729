CREATE INDEX "curation_annotation" ON "curation" USING btree ("annotation_id");
