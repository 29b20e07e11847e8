extension Application {
    var relationRoutes: [Route] { [] }
    var discoveryRoutes: [Route] { [] }
}
