/**
 * YAML files to validated records. {@link org.lcsc.config.YamlConfig} is the main type: it reads a
 * file strictly into a record, and writes a record back. What has kinds, each with settings of its
 * own, is a {@link org.lcsc.config.Part}.
 */
package org.lcsc.config;
