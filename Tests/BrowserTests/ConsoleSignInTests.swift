import Testing

/// Who gets into the console, and what it keeps of him.
@Suite(.serialized, .timeLimit(.minutes(5))) struct ConsoleSignInTests {
    @Test func aWrongTokenIsToldAndARightOneStaysInItsTab() async throws {
        try await withConsole { console in
            try await withBrowser(expectingErrors: ["401"]) { browser in
                try await console.signIn(browser, as: "sko_nobody")
                try await browser.waits(for: "document.querySelector('[role=alert]')?.textContent.includes('no operator')")
                #expect(try await browser.run("return sessionStorage.length") as? Int == 0)
                try await PageRules.isAccessible(browser)
                try await Screens.keep(browser, "console-sign-in")

                try await console.signIn(browser, as: "ada")
                _ = try await browser.element("[data-view]")
                #expect(try await browser.bodyText().contains("ada"))
                #expect(
                    try await browser.run("return JSON.stringify(Object.values(sessionStorage))") as? String == "[\"\(console.tokens["ada"] ?? "")\"]"
                )
                #expect(try await browser.run("return localStorage.length + document.cookie.length") as? Int == 0)

                try await browser.reload()
                _ = try await browser.element("[data-view]")
                try await browser.click("[data-action=sign-out]")
                _ = try await browser.element("input[name=token]")
                #expect(try await browser.run("return sessionStorage.length") as? Int == 0)
            }
        }
    }

    @Test func aViewerFindsNothingToPress() async throws {
        try await withConsole { console in
            try await withBrowser { browser in
                try await console.signIn(browser, as: "wall", at: "#/sales/demo")
                _ = try await browser.element("[data-view] [data-sku]")
                let buttons = ["pause", "resume", "close", "stock", "edit", "extend"].map { "[data-action=\($0)]:not(:disabled)" }.joined(
                    separator: ",")
                #expect(try await browser.count(buttons) == 0)
                try await browser.type("p")
                #expect(try await browser.count("dialog") == 0)
            }
        }
    }

    /// A stack that nobody named operators for says which token is its own.
    @Test func aPrivateStackIsLookedAtWithoutAToken() async throws {
        try await withShop { shop in
            try await withBrowser { browser in
                try await browser.go(to: "\(shop.admin)/console/#/sales/demo")
                _ = try await browser.element("[data-view] [data-sku]")
                #expect(try await browser.count("[data-action=pause]") == 0)
                try await browser.click("[data-action=sign-in]")
                try await browser.element("input[name=token]").type(shop.operatorToken + Key.enter)
                _ = try await browser.element("[data-action=pause]")

                // Who signs out is a reader again: by the button, and at any address.
                try await browser.click("[data-action=sign-out]")
                _ = try await browser.element("input[name=token]")
                #expect(try await browser.bodyText().contains("Anybody on this machine may read"))
                try await PageRules.isAccessible(browser)
                try await Screens.keep(browser, "console-sign-in-alone")
                try await browser.click("[data-action=read-alone]")
                _ = try await browser.element("[data-view=sale] [data-sku]")
                #expect(try await browser.bodyText().contains("anybody on this machine may read"))
                try await browser.click("[data-action=sign-in]")
                _ = try await browser.element("input[name=token]")
                try await browser.run("location.hash = '#/nodes'")
                _ = try await browser.element("[data-view=nodes]")
            }
        }
    }
}
