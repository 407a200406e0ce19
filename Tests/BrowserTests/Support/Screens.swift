import Foundation

/// Pictures for people to look at: reports/screens/.
enum Screens {
    static func keep(_ browser: Browser, _ name: String) async throws {
        let folder = Files.root.appending(path: "reports/screens")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try await browser.screenshot().write(to: folder.appending(path: "\(name).png"))
    }

    static func keepFailure(of browser: Browser) async {
        try? await keep(browser, "failed-\(UInt32.random(in: .min ... .max))")
    }
}
