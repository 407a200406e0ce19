import Foundation

/// Pictures for people to look at: reports/screens/.
enum Screens {
    /// Another one where a test is about pictures.
    @TaskLocal static var folder: URL = Files.root.appending(path: "reports/screens")

    static func keep(_ browser: Browser, _ name: String) async throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try await browser.screenshot().write(to: folder.appending(path: "\(name).png"))
    }

    static func keepFailure(of browser: Browser) async {
        try? await keep(browser, "failed-\(UInt32.random(in: .min ... .max))")
    }
}
