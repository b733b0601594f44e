/**
 * The sections {@code lcsc} and {@code ema} of a configuration file. {@link
 * org.lcsc.search.config.LcscConfig} and {@link org.lcsc.search.config.EmaConfig} are the main
 * types; a program puts them into records of its own.
 */
package org.lcsc.search.config;
