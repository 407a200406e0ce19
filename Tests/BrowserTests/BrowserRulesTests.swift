import Foundation
import Testing

/// The rules themselves notice what they are for.
@Suite(.serialized, .timeLimit(.minutes(5))) struct BrowserRulesTests {
    private func page(_ body: String) -> String {
        "data:text/html;base64," + Data("<!doctype html><html lang=en><title>t</title><main><h1>t</h1>\(body)</main>".utf8).base64EncodedString()
    }

    @Test func anErrorOnTheConsoleFails() async throws {
        try await withBrowser(expectingErrors: ["a thing broke"]) { browser in
            try await browser.go(to: page("<script>console.error('a thing broke')</script>"))
            #expect(try await browser.consoleErrors().contains { $0.contains("a thing broke") })
        }
    }

    @Test func whatKeepsPeopleOutFails() async throws {
        try await withBrowser { browser in
            try await browser.go(to: page("<button></button>"))
            await withKnownIssue { try await PageRules.isAccessible(browser) }
        }
    }

    @Test func whatIsWiderThanTheWindowFails() async throws {
        var look = Browser.Look()
        look.width = 320
        try await withBrowser(look) { browser in
            try await browser.go(to: page("<p>fits"))
            #expect(try await browser.run("return innerWidth") as? Int == 320)
            try await PageRules.isNotClipped(browser)
            try await browser.go(to: page("<style>div{width:400px;height:9px}</style><div></div>"))
            await withKnownIssue { try await PageRules.isNotClipped(browser) }
        }
    }

    @Test func aPictureIsKeptOfAPageThatFailsAnExpectation() async throws {
        let folder = URL(filePath: "/tmp/seckill-screens-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        func pictures() -> [String] { (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [] }
        try await Screens.$folder.withValue(folder) {
            try await withBrowser { browser in
                try await browser.go(to: page("<p>fits"))
                await withKnownIssue {
                    let count = try await browser.count("button")
                    #expect(count == 1)
                }
            }
            #expect(pictures().isEmpty)
            await withKnownIssue {
                try await withBrowser { browser in
                    try await browser.go(to: page("<p>fits"))
                    #expect(try await browser.count("button") == 1)
                }
            }
            #expect(pictures().count == 1 && pictures().allSatisfy { $0.hasPrefix("failed-") })
        }
    }

    @Test func anotherTabHidesThisOne() async throws {
        try await withBrowser { browser in
            try await browser.go(to: page("<script>seen = []; document.onvisibilitychange = () => seen.push(document.visibilityState)</script>"))
            let hidden = try await browser.hide()
            try await browser.show(hidden)
            try await browser.waits(for: "seen.join() === 'hidden,visible'")
        }
    }
}
