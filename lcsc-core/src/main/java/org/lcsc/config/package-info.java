/**
 * YAML files to validated records. {@link org.lcsc.config.YamlConfig} is the main type: it reads a
 * file strictly into a record, and writes a record back. {@link org.lcsc.config.LcscConfig} and
 * {@link org.lcsc.config.EmaConfig} are the plugin's own sections; a program adds records of its
 * own around them. What has kinds, each with settings of its own, is a {@link
 * org.lcsc.config.Part}.
 */
package org.lcsc.config;
