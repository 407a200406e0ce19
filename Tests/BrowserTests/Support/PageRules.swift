import Foundation
import Testing

/// What holds on every page.
enum PageRules {
    /// - Parameter expected: parts of messages that this test provokes, such as a 409 that
    ///   Chromium writes to its console by itself.
    static func check(_ browser: Browser, expectingErrors expected: [String]) async throws {
        let errors = try await browser.consoleErrors().filter { error in !expected.contains { error.contains($0) } }
        // On a busy machine a service may shed what no test has provoked, and pages ask again.
        let others = errors.filter { !$0.contains("the server responded with a status of 503") }
        #expect(others.isEmpty, "the console holds \(others)")
        let foreign = try await browser.requestedURLs().filter { url in
            !["http://127.0.0.1:", "http://localhost:", "data:", "blob:", "chrome:", "about:"].contains { url.hasPrefix($0) }
        }
        #expect(foreign.isEmpty, "pages asked \(foreign)")
    }

    /// Runs axe (https://github.com/dequelabs/axe-core) on the page as it is.
    static func isAccessible(_ browser: Browser, _ sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let axe = try String(contentsOf: Files.root.appending(path: ".build/browser/axe.min.js"), encoding: .utf8)
        try await browser.devTools("Runtime.evaluate", ["expression": axe])
        let found =
            try await browser.runAsync(
                """
                const result = await axe.run(document, {resultTypes: ['violations']});
                return result.violations.map(v => v.id + ': ' + v.nodes.map(n => n.html.slice(0, 160) + ' ' + n.failureSummary.slice(0, 240)).join(' | '));
                """) as? [String]
        #expect(found == [], sourceLocation: sourceLocation)
    }

    /// Nothing is wider than the window.
    static func isNotClipped(_ browser: Browser, _ sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let wide =
            try await browser.run(
                """
                const width = document.documentElement.clientWidth;
                const bad = [...document.querySelectorAll('body *')].filter(e => {
                    const box = e.getBoundingClientRect();
                    return box.width > 0 && getComputedStyle(e).position !== 'absolute' && (box.right > width + 1 || box.left < -1)
                        && !e.closest('[data-scrolls]');
                });
                return bad.map(e => e.outerHTML.slice(0, 120));
                """) as? [String]
        #expect(wide == [], sourceLocation: sourceLocation)
    }
}

enum Files {
    /// The project's root.
    static let root = URL(filePath: #filePath).appending(path: "../../../..").standardized
}
