import Testing

/// What anybody sees who opens the service's address.
@Suite(.serialized, .timeLimit(.minutes(5))) struct LandingTests {
    @Test func theAddressThatUpPrintsIsAPageThatAnybodyCanRead() async throws {
        try await withShop { shop in
            try await withBrowser { browser in
                try await browser.go(to: shop.address)
                #expect(try await browser.bodyText().contains("Seckill"))
                for path in ["/", "/problems", "/problems/sold_out"] {
                    try await browser.go(to: shop.address + path)
                    try await PageRules.isAccessible(browser)
                    try await PageRules.isNotClipped(browser)
                }
            }
        }
    }
}
