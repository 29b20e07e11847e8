import HTTPTypes

/// Registering, signing in and out, and one's own profile.
extension Application {
    var accountRoutes: [Route] { [register, login, logout, me, updateMe, changePassword] + sessionRoutes }

    private var register: Route {
        Route(
            .post, "/api/auth/register", "Open an account", access: .anyone, rate: .register,
            body: .json([
                Field(
                    name: "username", kind: .text(Username.length, lines: .one), isRequired: true,
                    code: "invalid_username", about: "Letters, digits, _ and -; unique without regard to case.",
                    check: { value in
                        guard case .string(let name) = value else { return nil }
                        return Username.fault(in: name)
                    }),
                Field(
                    name: "password", kind: .secret(PasswordRule.length), isRequired: true, code: "weak_password",
                    about: "Not the username, and not one that everybody tries first."),
                .displayName,
            ]), status: .created, answer: SignInData.shape, refusals: [.usernameTaken, .unavailable]
        ) { call in
            let user = try await accounts.register(
                call.text("username") ?? "", password: call.text("password") ?? "",
                displayName: call.text("displayName"))
            return call.signedIn(try await accounts.openSession(for: user))
        }
    }

    private var login: Route {
        Route(
            .post, "/api/auth/login", "Sign in", access: .anyone, rate: .login,
            body: .json([
                Field(name: "username", kind: .text(1...200, lines: .one), isRequired: true, about: "Of the account."),
                Field(name: "password", kind: .secret(1...1024), isRequired: true, about: "As it was registered."),
            ]), answer: SignInData.shape, refusals: [.invalidCredentials, .unavailable]
        ) { call in
            call.signedIn(
                try await accounts.signIn(call.text("username") ?? "", password: call.text("password") ?? ""))
        }
    }

    private var logout: Route {
        Route(
            .post, "/api/auth/logout", "Sign out: end this session", access: .user, rate: .changes, answer: .message
        ) { call in
            if let token = SessionToken.sent(with: call.request) { try await accounts.signOut(token.text) }
            return .message("Signed out", headers: SessionCookie.clearing(isSecure: call.isSecure))
        }
    }

    private var me: Route {
        Route(.get, "/api/auth/me", "Who is signed in", access: .user, answer: AccountData.shape) { call in
            .data(AccountData(try call.signedIn()))
        }
    }

    private var updateMe: Route {
        Route(
            .put, "/api/auth/me", "Change one's profile", access: .user, rate: .changes,
            body: .json([
                .displayName,
                Field(name: "bio", kind: .text(0...500, lines: .many), about: "A few words on oneself."),
                Field(name: "imageUrl", kind: .webAddress, isNullable: true, about: "A picture; null takes it away."),
            ]), answer: AccountData.shape
        ) { call in
            let userID = try call.signedIn().id
            let user = try await accounts.updateProfile(of: userID) { user in
                user.displayName = call.text("displayName") ?? user.displayName
                user.bio = call.text("bio") ?? user.bio
                user.imageURL = call.clears("imageUrl") ? nil : call.text("imageUrl") ?? user.imageURL
            }
            return .data(AccountData(user))
        }
    }
}

extension Application {
    private var changePassword: Route {
        Route(
            .put, "/api/auth/password", "Change one's password: every other session ends, this one goes on",
            access: .user, rate: .login,
            body: .json([
                Field(name: "currentPassword", kind: .secret(1...1024), isRequired: true, about: "As it is until now."),
                Field(
                    name: "newPassword", kind: .secret(PasswordRule.length), isRequired: true, code: "weak_password",
                    about: "Not the username, and not one that everybody tries first."),
            ]), answer: .message, refusals: [.wrongPassword, .unavailable]
        ) { call in
            try await accounts.changePassword(
                of: try call.signedIn(), from: call.text("currentPassword") ?? "", to: call.text("newPassword") ?? "",
                keeping: SessionToken.sent(with: call.request)?.text)
            return .message("Password changed")
        }
    }
}

extension Call {
    fileprivate func signedIn(_ signIn: Accounts.SignIn) -> Reply {
        .data(
            SignInData(token: signIn.token, user: AccountData(signIn.user)),
            headers: SessionCookie.setting(signIn.token, isSecure: isSecure))
    }
}

extension Field {
    fileprivate static let displayName = Field(
        name: "displayName", kind: .text(1...64, lines: .one), about: "The name that others see.")
}
