import NIOHTTP1
import Testing

/// The console's page on the admin port's socket.
@Suite(.timeLimit(.minutes(3))) struct ConsoleRouteTests {
    @Test func thePageIsServedToWhoeverReachesThePort() async throws {
        try await withOperators { operators in
            let page = try await operators.send(.GET, "/console/", as: nil)
            #expect(page.status == 200 && page.header("Content-Type") == "text/html; charset=utf-8" && page.header("Cache-Control") == "no-store")
            let policy = try #require(page.header("Content-Security-Policy"))
            for rule in [
                "default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'", "require-trusted-types-for 'script'",
            ] {
                #expect(policy.contains(rule))
            }
            #expect(page.text.contains("data-reads-alone=\"false\""))
            let script = try #require(page.text.firstMatch(of: #/src="([^"]+\.js)"/#).map { String($0.1) })
            let asset = try await operators.send(.GET, script, as: nil)
            #expect(asset.status == 200 && asset.header("Content-Type") == "text/javascript; charset=utf-8")
            #expect(asset.header("Cache-Control") == "public, max-age=31536000, immutable")
            #expect(asset.header("X-Content-Type-Options") == "nosniff")

            for path in [
                script.replacing("console.js", with: "passwd.js"), "/console/assets/0123456789abcdef/console.js", "/console/console.js", "/console//",
            ] {
                #expect(try await operators.send(.GET, path, as: nil).status == 404, "\(path)")
            }
            let bare = try await operators.send(.GET, "/console", as: nil)
            #expect(bare.status == 308 && bare.header("Location") == "/console/")
            #expect(try await operators.send(.POST, "/console/", as: nil, body: "{}").status == 405)
            #expect(try await operators.send(.HEAD, "/console/", as: nil).status == 200)
            #expect(try await operators.send(.GET, "/admin/v1/sales/", as: "ada").status == 404)
        }
    }

    /// Where no file names operators, whoever is on the machine may look.
    @Test func thePageSaysWhetherATokenIsNeeded() async throws {
        try await withStores { stores in
            try await withService(over: stores) { service in
                let page = try await service.send(.GET, "/console/", base: "http://\(service.admin)")
                #expect(page.text.contains("data-reads-alone=\"true\""))
            }
        }
    }
}
