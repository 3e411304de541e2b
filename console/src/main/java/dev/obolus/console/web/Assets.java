// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.web;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.springframework.http.CacheControl;
import org.springframework.web.reactive.config.ResourceHandlerRegistry;
import org.springframework.web.reactive.config.WebFluxConfigurer;

/** Styles, scripts and fonts: our own, under an address that changes when any of them does. */
public final class Assets implements WebFluxConfigurer {
  private static final String FOLDER = "classpath:/assets/";

  private final String base;

  public Assets() {
    this.base = "/assets/" + digest() + "/";
  }

  /** Where they are, with a slash at the end. */
  String base() {
    return base;
  }

  @Override
  public void addResourceHandlers(ResourceHandlerRegistry registry) {
    registry
        .addResourceHandler(base + "**")
        .addResourceLocations(FOLDER)
        .setCacheControl(CacheControl.maxAge(Duration.ofDays(365)).cachePublic().immutable());
  }

  private static String digest() {
    try {
      var sha256 = MessageDigest.getInstance("SHA-256");
      var files = new PathMatchingResourcePatternResolver().getResources(FOLDER + "*");
      Arrays.sort(files, Comparator.comparing(Resource::getFilename));
      for (var file : files) {
        sha256.update(file.getContentAsByteArray());
      }
      return HexFormat.of().formatHex(sha256.digest()).substring(0, 12);
    } catch (IOException e) {
      throw new UncheckedIOException("the console's own assets cannot be read", e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
